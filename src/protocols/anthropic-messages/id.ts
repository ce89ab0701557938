/** The id of Anthropic's Messages wire, by which provider definitions and the list of protocols name it. */
export const ANTHROPIC_MESSAGES = 'anthropic-messages';
