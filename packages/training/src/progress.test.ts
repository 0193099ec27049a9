import { createProgress, duration } from './index.ts';

function terminal(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  let time = 0;
  return {
    written,
    stream: { isTTY, columns, write: (text: string) => written.push(text) },
    now: () => time,
    pass: (ms: number) => (time += ms),
  };
}

test('a bar that is redrawn in place, at most ten times a second, and always at the end', () => {
  const { written, pass, ...io } = terminal(true, 200);
  const progress = createProgress({ ...io, total: 4, label: 'rbf' });
  progress.update(0);
  pass(50);
  progress.update(1); // too soon
  pass(50_000);
  progress.update(2, { loss: 0.123456, epoch: 3 });
  progress.update(4, { loss: 0.1 });
  progress.close();
  progress.close();
  expect(written).toEqual([
    '\r\x1b[2K[                        ] rbf  0/4  0%  eta --',
    '\r\x1b[2K[============            ] rbf  2/4  50%  eta 50s  loss 0.1235  epoch 3',
    '\r\x1b[2K[========================] rbf  4/4  100%  50s  loss 0.1000',
    '\n',
  ]);
});

test('lines are put above the bar; the bar never wraps', () => {
  const { written, ...io } = terminal(true, 20);
  const progress = createProgress({ ...io, total: 4 });
  progress.log('start');
  progress.update(2);
  progress.log('AP 0.5');
  const bar = '[============       ';
  expect(written).toEqual(['start\n', `\r\x1b[2K${bar.slice(0, 19)}`, `\r\x1b[2KAP 0.5\n${bar.slice(0, 19)}`]);
});

test('plain lines elsewhere: by time, by steps, and at the end; the time left counts only steps of this run', () => {
  const { written, pass, ...io } = terminal(false);
  const progress = createProgress({ ...io, total: 100, start: 50, everySeconds: 10, everySteps: 20 });
  for (let done = 51; done <= 100; done++) {
    pass(1000);
    progress.update(done);
  }
  progress.log('done');
  progress.close();
  expect(written).toEqual([
    '51/100  51%  eta 49s\n',
    '60/100  60%  eta 40s\n',
    '70/100  70%  eta 30s\n',
    '80/100  80%  eta 20s\n',
    '90/100  90%  eta 10s\n',
    '100/100  100%  50s\n',
    'done\n',
  ]);
});

test('durations', () => {
  expect([0, 59_400, 185_000, 7_625_000].map(duration)).toEqual(['0s', '59s', '3m05s', '2h07m']);
});
