import { elementsOf, type ElementOf } from '../blocks/check-blocks.ts';
import type { Block, FakeView } from '../world.ts';
import type { ViewValues } from './payloads.ts';

/** What somebody fills in: by action id, a text, or the value of the option they pick. */
export type Filled = Readonly<Record<string, string>>;

/** The state of a view as it was filled in; throws where Slack's own client wouldn't let it be submitted. */
export const valuesOf = ({ payload }: FakeView, filled: Filled): ViewValues => {
  const values: Record<string, Record<string, unknown>> = {};
  for (const block of payload.blocks.filter(({ type }) => type === 'input')) {
    for (const field of elementsOf(block)) {
      values[field.blockId] = { [field.actionId]: valueOf(block, field, filled[field.actionId]) };
    }
  }
  return values;
};

const valueOf = (block: Block, { element, actionId }: ElementOf, given: string | undefined) => {
  const { type } = element;
  if (given === undefined && block.optional !== true) {
    throw new Error(`Slack's client doesn't submit without "${actionId}".`);
  }
  if (type === 'radio_buttons') return { type, selected_option: optionOf(element, given) };
  if (given !== undefined && given.length > Number(element.max_length ?? 3_000)) {
    throw new Error(`Slack's client takes no text as long as that in "${actionId}".`);
  }
  return { type, value: given ?? null };
};

const optionOf = ({ options }: ElementOf['element'], given: string | undefined): unknown => {
  if (given === undefined) return null;
  const offered = Array.isArray(options) ? (options as readonly { readonly value?: unknown }[]) : [];
  const found = offered.find(({ value }) => value === given);
  if (found === undefined) throw new Error(`Nothing offers "${given}".`);
  return found;
};
