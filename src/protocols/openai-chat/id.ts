/** The id of OpenAI's Chat Completions wire, by which provider definitions and the list of protocols name it. */
export const OPENAI_CHAT = 'openai-chat';
