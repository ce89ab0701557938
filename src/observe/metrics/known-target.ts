/** Tells whether a target is one of the configuration. */
export type KnownTarget = (target: string) => boolean;

/** The label of whatever the configuration does not name. */
export const OTHER = 'other';
