export { policyModule } from './policy-module.ts';
