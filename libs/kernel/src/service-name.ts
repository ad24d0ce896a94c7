export const SERVICE_NAMES = ['intake', 'policy', 'notification', 'credentials', 'audit'] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];
