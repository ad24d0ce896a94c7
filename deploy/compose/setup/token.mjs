// Prints a token of the issuer that setup made:
//   node token.mjs <folder of the issuer> 'User::"alice"'
import { mintToken } from './issuer.mjs';

const [, , folder, subject] = process.argv;
if (!/^(User|Agent|Pipeline|Service)::"[^"]+"$/.test(subject ?? '')) {
  console.error(`Name a principal, as in 'User::"alice"' or 'Agent::"etl-bot"'.`);
  process.exit(1);
}
console.log(await mintToken(folder, subject, Math.floor(Date.now() / 1_000)));
