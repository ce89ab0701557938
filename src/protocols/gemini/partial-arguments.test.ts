import { describe, expect, it } from 'vitest';
import { PartialArguments } from './partial-arguments.ts';

describe('arguments in pieces', () => {
  it('are put together by their paths, text after text', () => {
    const partial = new PartialArguments();
    partial.add([{ jsonPath: '$.recipe.name', stringValue: 'Las', willContinue: true }]);
    partial.add([{ jsonPath: '$.recipe.name', stringValue: 'agna' }]);
    partial.add([
      { jsonPath: '$.recipe.steps[1]', stringValue: 'Bake.' },
      { jsonPath: '$.recipe.steps[0]', stringValue: 'Boil.' },
    ]);
    partial.add([{ jsonPath: "$['serves four']", boolValue: true }]);
    partial.add([
      { jsonPath: '$.minutes', numberValue: 25 },
      { jsonPath: '$.note', nullValue: 'NULL_VALUE' },
    ]);
    expect(JSON.parse(partial.text())).toEqual({
      recipe: { name: 'Lasagna', steps: ['Boil.', 'Bake.'] },
      'serves four': true,
      minutes: 25,
      note: null,
    });
  });

  it.each([
    ['a path that starts elsewhere', { jsonPath: 'a.b', stringValue: 'x' }],
    ['a path to the root', { jsonPath: '$', stringValue: 'x' }],
    ['an item far out', { jsonPath: '$.a[99999999]', stringValue: 'x' }],
    ['no value', { jsonPath: '$.a' }],
    ['no path', { stringValue: 'x' }],
  ])('ignore %s', (_, piece) => {
    const partial = new PartialArguments();
    partial.add([piece]);
    expect(partial.text()).toBe('{}');
  });

  it('keep a field named __proto__ as data', () => {
    const partial = new PartialArguments();
    partial.add([{ jsonPath: '$.__proto__.polluted', stringValue: 'yes' }]);
    expect(partial.text()).toBe('{"__proto__":{"polluted":"yes"}}');
    expect('polluted' in {}).toBe(false);
  });
});
