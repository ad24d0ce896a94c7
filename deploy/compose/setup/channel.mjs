// Gives the notification service the settings and secrets of a chat platform, out of a folder of the host:
//   node channel.mjs <from> <to> [<uid>]
// Each file of it becomes that user's alone, and what is gone from it goes. Prints names, and no secret.
import {
  chmodSync,
  chownSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const SETTINGS = 'settings.yaml';
/** What the service itself would refuse. A copy would hide it. */
const GROUP_WRITE_OR_OTHERS = 0o027;

const [, , from, to, owner] = process.argv;

/** Why a file can't be handed over, if so. */
function objectionTo(name) {
  const entry = statSync(join(from, name), { throwIfNoEntry: false });
  if (!entry?.isFile()) return `${name} is no file.`;
  if (name === SETTINGS || (entry.mode & GROUP_WRITE_OR_OTHERS) === 0) return undefined;
  return `${name} can be read by others, or written by its group: make a new secret, with mode 600.`;
}

function give(path, mode) {
  chmodSync(path, mode);
  if (owner !== undefined) chownSync(path, Number(owner), Number(owner));
}

/** Whoever reads meanwhile has the old one or the new one, whole. */
function hand(name) {
  const unfinished = join(to, `${name}.new`);
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, readFileSync(join(from, name)), { mode: 0o400 });
  give(unfinished, 0o400);
  renameSync(unfinished, join(to, name));
}

const names = readdirSync(from).filter((name) => !name.startsWith('.'));
const objections = names.map(objectionTo).filter(Boolean);
if (!names.includes(SETTINGS)) objections.push(`There is no ${SETTINGS}.`);
if (objections.length > 0) {
  console.error(objections.join('\n'));
  process.exit(1);
}
for (const name of names) hand(name);
for (const name of readdirSync(to)) if (!names.includes(name)) rmSync(join(to, name), { recursive: true });
give(to, 0o700);
console.log(`Handed over: ${names.join(', ')}.`);
