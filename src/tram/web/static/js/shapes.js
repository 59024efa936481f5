// The signs of devices and zones as pictures for the map: the same shapes as in shapes.svg.
const SIZE = 18;
const SCALE = 2;

function picture(draw) {
  const canvas = new OffscreenCanvas(SIZE * SCALE, SIZE * SCALE);
  const pen = canvas.getContext("2d");
  pen.scale(SCALE, SCALE);
  pen.translate(SIZE / 2, SIZE / 2);
  draw(pen);
  return pen.getImageData(0, 0, SIZE * SCALE, SIZE * SCALE);
}

function path(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], place) => (place ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}

function disc(pen, radius) {
  pen.beginPath();
  pen.arc(0, 0, radius, 0, 2 * Math.PI);
}

// A rim of the land's colour keeps neighbours apart.
function solid(shape, fill, rim) {
  return (pen) => {
    shape(pen);
    pen.lineWidth = 3;
    pen.strokeStyle = rim;
    pen.stroke();
    pen.fillStyle = fill;
    pen.fill();
  };
}

export function drawShapes(map, paint) {
  const shapes = {
    "device-online": solid((pen) => disc(pen, 5.5), paint.accent, paint.surface),
    "device-silent": solid((pen) => path(pen, [[0, -6.5], [6.6, 5.5], [-6.6, 5.5]]), paint.amber, paint.surface),
    "device-unknown": solid((pen) => path(pen, [[0, -6.8], [6.8, 0], [0, 6.8], [-6.8, 0]]), paint.unknown,
      paint.surface),
    "device-never": (pen) => {
      disc(pen, 5);
      pen.fillStyle = paint.surface;
      pen.fill();
      pen.lineWidth = 2;
      pen.strokeStyle = paint.never;
      pen.stroke();
    },
    zone: (pen) => {
      pen.setLineDash([3, 2]);
      pen.lineWidth = 1.6;
      pen.strokeStyle = paint.quiet;
      pen.strokeRect(-5.5, -5.5, 11, 11);
    },
  };
  for (const [name, draw] of Object.entries(shapes)) {
    if (map.hasImage(name)) map.removeImage(name);
    map.addImage(name, picture(draw), { pixelRatio: SCALE });
  }
}
