import { z } from 'zod';
import { SlackRefusal } from '../slack-refusal.ts';
import type { Block, ViewPayload } from '../world.ts';
import { messageBlock, modalView } from './block-schemas.ts';

const MOST_BLOCKS = 50;

/** Undocumented, and counted with some buffer for what stands around texts; bolt-js#2509, bolt-js#2867. */
const MOST_CHARACTERS = 13_000;

/** Of a whole view as it is sent. */
const MOST_VIEW_BYTES = 250_000;

const messageBlocks = z.array(messageBlock).max(MOST_BLOCKS);

/** A message's blocks, or `invalid_blocks` with a pointer to each fault, or `msg_blocks_too_long`. */
export const checkBlocks = (given: unknown): readonly Block[] => {
  const parsed = messageBlocks.safeParse(given);
  if (!parsed.success) throw SlackRefusal.because('invalid_blocks', problemsOf(parsed.error, '/blocks'));
  uniqueIds(parsed.data, 'invalid_blocks');
  if (JSON.stringify(parsed.data).length > MOST_CHARACTERS) throw new SlackRefusal('msg_blocks_too_long');
  return parsed.data;
};

/** A modal, or `invalid_arguments` with a pointer to each fault, or `view_too_large`. */
export const checkView = (given: unknown): ViewPayload => {
  const parsed = modalView.safeParse(given);
  if (!parsed.success) throw SlackRefusal.because('invalid_arguments', problemsOf(parsed.error, '/view'));
  const view = parsed.data;
  uniqueIds(view.blocks, 'invalid_arguments');
  if (view.blocks.some(({ type }) => type === 'input') && view.submit === undefined)
    throw SlackRefusal.because('invalid_arguments', [
      'submit must be given with input blocks [json-pointer:/view]',
    ]);
  if (Buffer.byteLength(JSON.stringify(view)) > MOST_VIEW_BYTES) throw new SlackRefusal('view_too_large');
  return view;
};

const problemsOf = (error: z.ZodError, root: string): readonly string[] =>
  error.issues.map(
    ({ message, path }) => `${message} [json-pointer:${[root, ...path.map(String)].join('/')}]`,
  );

/** No two blocks of one surface may have the same name, nor two elements of one block. */
const uniqueIds = (blocks: readonly Block[], code: string): void => {
  repeated(
    blocks.flatMap(({ block_id: id }) => (typeof id === 'string' ? [id] : [])),
    'block_id',
    code,
  );
  for (const block of blocks)
    repeated(
      elementsOf(block).map(({ actionId }) => actionId),
      'action_id',
      code,
    );
};

const repeated = (ids: readonly string[], name: string, code: string): void => {
  const twice = ids.find((id, nth) => ids.indexOf(id) !== nth);
  if (twice !== undefined) throw SlackRefusal.because(code, [`${name} \`${twice}\` already exists`]);
};

export interface ElementOf {
  readonly blockId: string;
  readonly actionId: string;
  readonly element: Readonly<Record<string, unknown>>;
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** What a person may press or fill in. */
export const elementsOf = (block: Block): readonly ElementOf[] => {
  const elements: readonly unknown[] = [
    ...(block.type === 'actions' && isList(block.elements) ? block.elements : []),
    ...(block.type === 'input' ? [block.element] : []),
    ...(block.type === 'section' ? [block.accessory] : []),
  ];
  return elements.filter(isObject).flatMap((element) =>
    typeof element.action_id === 'string'
      ? [
          {
            blockId: typeof block.block_id === 'string' ? block.block_id : '',
            actionId: element.action_id,
            element,
          },
        ]
      : [],
  );
};
