// A picture as small as a bad signal can carry: 1600 pixels at most, JPEG.
async function shrunk(file) {
  if (file.size > 40 * 1024 * 1024) throw new RangeError("too_large");
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, 1600 / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  for (const quality of [0.8, 0.6, 0.4]) {
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob && blob.size <= 400 * 1024) return blob.arrayBuffer();
  }
  const last = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.3));
  if (!last || last.size > 2 * 1024 * 1024) throw new RangeError("too_large");
  return last.arrayBuffer();
}
