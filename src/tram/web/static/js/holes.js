// A silence is a hole in a line, not a line: the rule of every chart of readings. Times in seconds.

function pausesOf(times) {
  return times.slice(1).map((at, place) => at - times[place]).sort((one, other) => one - other);
}

// The longest pause that a line may cross: four expected intervals, less for a device that in fact
// speaks more often.
function longestPause(times, expected) {
  const pauses = pausesOf(times);
  const usual = pauses[Math.floor(pauses.length / 2)] ?? Infinity;
  return Math.max(30, Math.min(4 * expected, 20 * usual));
}

// The length of a bucket: few pauses are shorter (live readings after the last bucket), some longer.
function step(times) {
  return pausesOf(times)[Math.floor(times.length / 4)] ?? Infinity;
}

// Returns the columns with an empty place in each pause: of readings as sent, or of buckets.
export function withHoles([times, ...columns], raw, expected) {
  const longest = raw ? longestPause(times, expected) : 2.5 * step(times);
  const out = [[], ...columns.map(() => [])];
  times.forEach((at, place) => {
    if (place && at - times[place - 1] > longest) {
      out[0].push(times[place - 1] + 1);
      columns.forEach((_, number) => out[number + 1].push(null));
    }
    out[0].push(at);
    columns.forEach((column, number) => out[number + 1].push(column[place]));
  });
  return out;
}
