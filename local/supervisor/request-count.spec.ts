import { describe, expect, it } from '@jest/globals';
import { RequestCount } from './request-count.ts';

describe('RequestCount', () => {
  it('takes one Ctrl-C for one request, in whatever order it arrives and is handed on', () => {
    const terminalFirst = new RequestCount();
    expect([terminalFirst.interrupt(0), terminalFirst.handOn(3), terminalFirst.handOn(90)]).toEqual([1, 1, 1]);
    const launcherFirst = new RequestCount();
    expect([launcherFirst.handOn(0), launcherFirst.interrupt(5), launcherFirst.handOn(90)]).toEqual([1, 1, 1]);
  });

  it('takes a second Ctrl-C for a second request, also right after the first', () => {
    const count = new RequestCount();
    count.interrupt(0);
    count.handOn(1);
    expect([count.interrupt(300), count.handOn(301)]).toEqual([2, 2]);
  });

  it('counts what only reaches the launcher, when it is not the same request', () => {
    const count = new RequestCount();
    expect([count.handOn(0), count.handOn(100), count.handOn(700)]).toEqual([1, 1, 2]);
  });

  it('counts a second request that comes another way than the first', () => {
    const [withoutLauncher, withoutTerminal] = [new RequestCount(), new RequestCount()];
    expect([withoutLauncher.handOn(0), withoutLauncher.interrupt(900)]).toEqual([1, 2]);
    expect([withoutTerminal.interrupt(0), withoutTerminal.handOn(900)]).toEqual([1, 2]);
  });
});
