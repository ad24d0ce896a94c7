export { auditModule } from './audit-module.ts';
export { AUDIT_PROJECTION } from './projection/audit-projection.ts';
