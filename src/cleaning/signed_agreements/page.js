
"use strict";
const area = document.querySelector(".draw");
const canvas = document.querySelector("#drawn");
const image = document.querySelector("input[name=image]");
const pen = canvas.getContext("2d");
area.hidden = false;
pen.lineWidth = 5;
pen.lineCap = pen.lineJoin = "round";
pen.strokeStyle = "#17231f";
const place = (event) => {
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
};
let drawing = false;
let drawn = false;
canvas.addEventListener("pointerdown", (event) => {
  drawing = true;
  canvas.setPointerCapture(event.pointerId);
  pen.beginPath();
  pen.moveTo(...place(event));
  event.preventDefault();
});
canvas.addEventListener("pointermove", (event) => {
  if (!drawing) return;
  pen.lineTo(...place(event));
  pen.stroke();
  drawn = true;
});
for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, () => {
    if (drawing && drawn) image.value = canvas.toDataURL("image/png");
    drawing = false;
  });
}
document.querySelector(".clear").addEventListener("click", () => {
  pen.clearRect(0, 0, canvas.width, canvas.height);
  image.value = "";
  drawn = false;
});
