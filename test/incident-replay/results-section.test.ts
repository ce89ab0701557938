import { describe, expect, it } from 'vitest';
import { markedSections, sectionOf, withSection } from '../../bench/report/sections.ts';

describe('sections of the results', () => {
  const text = '# Results\n\nFigures.\n';

  it('are added at the end, found again, and replaced where they stand', () => {
    const one = withSection(text, 'one', 'first $& body');
    const both = withSection(one, 'two', 'second body');
    expect(sectionOf(both, 'one')).toBe('first $& body');
    const changed = withSection(both, 'one', 'changed $1');
    expect(sectionOf(changed, 'one')).toBe('changed $1');
    expect(sectionOf(changed, 'two')).toBe('second body');
    expect(changed.indexOf('changed')).toBeLessThan(changed.indexOf('second'));
    expect(changed.startsWith(text)).toBe(true);
  });

  it('are what is kept of a file whose rest is written anew', () => {
    const both = withSection(withSection(text, 'one', 'a'), 'two', 'b');
    const anew = ['# Anew', ...markedSections(both)].join('\n\n');
    expect(sectionOf(anew, 'one')).toBe('a');
    expect(sectionOf(anew, 'two')).toBe('b');
    expect(sectionOf(anew, 'three')).toBeNull();
  });
});
