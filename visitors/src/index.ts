export { Gate } from './gate.ts';
export { interceptedStore, type Operation } from './intercepted-store.ts';
export { listening } from './listening.ts';
export { Meeting } from './meeting.ts';
export { type Answer, Visitor } from './visitor.ts';
