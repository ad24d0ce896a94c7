/** Nothing of a link's target is shown beside it. */
export const NO_UNFURLING = {
  unfurl_links: false,
  unfurl_media: false,
  parse: 'none',
  link_names: false,
} as const;
