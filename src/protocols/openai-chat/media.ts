/** What a data URI holds; null where the text is no base64 data URI. */
export function dataUri(text: string): { readonly mediaType: string; readonly data: string } | null {
  if (!text.startsWith('data:')) return null;
  const comma = text.indexOf(',');
  const head = text.slice(5, comma < 0 ? 5 : comma);
  if (!head.endsWith(';base64')) return null;
  const mediaType = (head.split(';')[0] ?? '').toLowerCase();
  return {
    mediaType: mediaType === '' ? 'application/octet-stream' : mediaType,
    data: text.slice(comma + 1),
  };
}

/** The media type of an `input_audio` format word. */
export function audioMediaType(format: string): string {
  return format === 'mp3' ? 'audio/mpeg' : `audio/${format}`;
}

/** The `input_audio` format word of a media type; null where the wire has none. */
export function audioFormat(mediaType: string): string | null {
  return AUDIO_FORMATS.get(mediaType) ?? null;
}

/**
 * The media type that the name of a file, else its address, suggests; PDF, the only kind of file that OpenAI takes, where
 * neither suggests one.
 */
export function mediaTypeOfName(fileName: string, address = ''): string {
  const path = address.split(/[?#]/)[0] ?? '';
  return byEnding(fileName) ?? byEnding(path) ?? 'application/pdf';
}

function byEnding(name: string): string | undefined {
  return BY_ENDING.get(name.slice(name.lastIndexOf('.') + 1).toLowerCase());
}

const AUDIO_FORMATS: ReadonlyMap<string, string> = new Map([
  ['audio/wav', 'wav'],
  ['audio/x-wav', 'wav'],
  ['audio/wave', 'wav'],
  ['audio/mpeg', 'mp3'],
  ['audio/mp3', 'mp3'],
]);

const BY_ENDING: ReadonlyMap<string, string> = new Map([
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
  ['json', 'application/json'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['pdf', 'application/pdf'],
  ['mp3', 'audio/mpeg'],
  ['wav', 'audio/wav'],
  ['mp4', 'video/mp4'],
  ['mov', 'video/quicktime'],
  ['webm', 'video/webm'],
]);
