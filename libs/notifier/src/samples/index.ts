// For tests and pictures of channels' renderers; no part of the product.
export { ATTACK_TEXT, LONGEST_LINK, plainCard, SAMPLE_CARDS } from './sample-cards.ts';
