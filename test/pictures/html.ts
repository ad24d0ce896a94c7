export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The renderers ask for fonts that this machine needn't have; Debian's Noto has all of the samples' letters. */
export const FONTS = "'Noto Sans', 'Noto Sans Arabic', 'Noto Color Emoji', sans-serif";

export const WIDTH = 720;

export const page = (styles: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><style>${styles}</style><body>${body}</body></html>`;
