// A phone's photo made small before it is sent, and when it was taken as it says itself.
const SIDE = 1600, MOST = 400 * 1024;

// DateTimeOriginal with its offset (CIPA DC-008), out of a JPEG's first bytes; null where there is none.
export function exifTime(buffer) {
  const view = new DataView(buffer);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 4 <= view.byteLength) {
    const marker = view.getUint16(at), size = view.getUint16(at + 2);
    if (marker === 0xffe1 && at + 10 < view.byteLength && view.getUint32(at + 4) === 0x45786966) return fields(view, at + 10);
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) return null;
    at += 2 + size;
  }
  return null;
}

function fields(view, base) {
  try {
    const little = view.getUint16(base) === 0x4949;
    const short = (at) => view.getUint16(base + at, little), long = (at) => view.getUint32(base + at, little);
    const find = (folder, tag) => {
      for (let i = 0; i < short(folder); i++) if (short(folder + 2 + 12 * i) === tag) return folder + 2 + 12 * i;
      return null;
    };
    const text = (entry) => {
      const length = long(entry + 4), from = length > 4 ? long(entry + 8) : entry + 8;
      let said = "";
      for (let i = 0; i < length - 1; i++) said += String.fromCharCode(view.getUint8(base + from + i));
      return said;
    };
    const pointer = find(long(4), 0x8769);
    const taken = pointer && find(long(pointer + 8), 0x9003), zone = pointer && find(long(pointer + 8), 0x9011);
    if (!taken) return null;
    const [day, time] = text(taken).split(" ");
    const moment = new Date(`${day.replaceAll(":", "-")}T${time}${zone ? text(zone) : ""}`);
    return Number.isNaN(moment.getTime()) ? null : moment;
  } catch {
    return null; // cut off or crooked: it is only a remark
  }
}

const jpeg = (canvas, quality) => new Promise((done) => { canvas.toBlob(done, "image/jpeg", quality); });

// {blob, claimed}: at most 1,600 px a side and 400 KiB, upright; `claimed` as the form field wants it.
export async function shrink(file) {
  const exif = exifTime(await file.slice(0, 256 * 1024).arrayBuffer());
  const claimed = exif ? `exif ${exif.toISOString()}` : `file ${new Date(file.lastModified).toISOString()}`;
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const canvas = document.createElement("canvas");
  for (let side = SIDE; ; side = Math.round(side * 0.8)) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    for (const quality of [0.82, 0.65, 0.5]) {
      const blob = await jpeg(canvas, quality);
      if (blob.size <= MOST || side < 500) {
        picture.close();
        return { blob, claimed };
      }
    }
  }
}
