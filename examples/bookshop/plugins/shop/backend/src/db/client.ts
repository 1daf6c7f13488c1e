import { prisma } from '@naap/database';

export const db = prisma;
