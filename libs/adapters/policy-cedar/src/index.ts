export { CedarPolicyEngine, type CedarPolicyEngineOptions } from './cedar-policy-engine.ts';
