export { credentialsModule } from './credentials-module.ts';
export {
  ACTION_TOKEN_AUDIENCE,
  ACTION_TOKEN_ISSUER,
  ACTION_TOKEN_KEY,
  ACTION_TOKEN_TYP,
} from './tokens/action-tokens.ts';
