export { intakeModule } from './intake-module.ts';
