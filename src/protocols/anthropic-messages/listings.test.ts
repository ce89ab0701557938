import { expect, it } from 'vitest';
import { describeShared } from '../../../test/shared.ts';
import { encodeCount } from './count-tokens.ts';
import { encodeAnthropicModelList } from './models.ts';
import { schemaCheck } from '../testing/schema.ts';

describeShared('answers that are no messages', () => {
  const model = {
    id: 'gpt-4.1',
    displayName: 'GPT-4.1',
    createdAt: '2025-04-14T00:00:00Z',
    inputTokensMax: 1_047_576,
    outputTokensMax: null,
  };

  it.each([[[]], [[model]], [[model, { ...model, id: 'auto' }]]])('list models as the API does', (models) => {
    const list = encodeAnthropicModelList(models);
    expect(schemaCheck('anthropic', 'ListResponse_ModelInfo_')(list)).toBeNull();
    expect(list).toMatchObject({ has_more: false, first_id: models[0]?.id ?? null });
  });

  it('count tokens as the API does', () => {
    expect(schemaCheck('anthropic-2026-10-21', 'MessageTokensCount')(encodeCount(12))).toBeNull();
  });
});
