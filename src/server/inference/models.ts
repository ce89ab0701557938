import type { Json } from '../../base/json.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { presentedKey } from '../../gateway/admit.ts';
import { encodeAnthropicModelList, encodeAnthropicModel } from '../../protocols/anthropic-messages/models.ts';
import { encodeModel, encodeModelList } from '../../protocols/openai-chat/models.ts';
import type { ServerRequest } from '../request.ts';
