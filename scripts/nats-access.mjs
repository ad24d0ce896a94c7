// Makes what five services apart need to log in to NATS (see deploy/nats/README.md):
//   npx node scripts/nats-access.mjs <folder> ['Agent::etl-bot' …]
// Prints which files it made, and never a seed.

const [, , folder, ...names] = process.argv;

const fail = (message) => {
  console.error(message);
  process.exit(1);
};

const load = async () => {
  try {
    return await import('@countersign/bus-nats');
  } catch (error) {
    return fail(`Build the project first, with npm run build (${error.message}).`);
  }
};

const parseRequester = (name) => {
  const [, type, id] =
    /^([A-Za-z]+)::(.+)$/s.exec(name) ?? fail(`"${name}" is no requester; write Type::id.`);
  return { type, id };
};

if (!folder)
  fail("Name a folder for the keys: npx node scripts/nats-access.mjs <folder> ['Agent::etl-bot' …]");
const requesters = names.map(parseRequester);
const { writeNatsAccess } = await load();
const { seeds, environment, requestUsers } = writeNatsAccess(folder, requesters);
console.log(`Seeds (secret, one for each login): ${Object.values(seeds).join(' ')}
Requesters' seeds: ${folder}/requesters
For the server: ${environment} (its environment), ${requestUsers} (beside services.conf)`);
