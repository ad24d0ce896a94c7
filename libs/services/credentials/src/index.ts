export { composeGrants, credentialsModule, type GrantsContext } from './credentials-module.ts';
export { parseRedemption, type Redemption } from './redemption/parse-redemption.ts';
export { ActionTokens } from './tokens/action-tokens.ts';
