/** The id of Google's generateContent wire, by which provider definitions and the list of protocols name it. */
export const GEMINI = 'gemini';
