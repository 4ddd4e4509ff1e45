#!/usr/bin/env bash
# From a bare Debian 12 to text read from a picture: builds Nacre, fetches the
# three PP-OCRv4 models from PyPI, compiles them and reads examples/ocr/picture.png.
# Fails if a line is not read as expected.
set -euo pipefail
cd "$(dirname "$0")"
tools/dev/build.sh nacre nacre-ocr

folder=build/demo
models=$folder/wheel/rapidocr_onnxruntime/models
mkdir -p $folder
if [ ! -f $models/.complete ]; then
  # pip refuses a file whose hash is not the one in requirements.txt.
  /usr/bin/python3 -m pip download -q --no-deps --require-hashes --only-binary :all: \
    --disable-pip-version-check -d $folder -r examples/ocr/requirements.txt
  unzip -q -o $folder/rapidocr_onnxruntime-*.whl 'rapidocr_onnxruntime/models/*' -d $folder/wheel
  touch $models/.complete
fi

# The characters that the recognizer knows are in its model's metadata.
/usr/bin/python3 - $models/ch_PP-OCRv4_rec_infer.onnx >$folder/keys.txt <<'PYTHON'
import sys, onnx
metadata = {entry.key: entry.value for entry in onnx.load(sys.argv[1]).metadata_props}
sys.stdout.buffer.write(metadata["character"].encode() + b"\n")
PYTHON

compile() {
  local start=$SECONDS
  build/bin/nacre compile "$models/$1" -o "$folder/$2"
  echo "compiled $1 to $2 in $((SECONDS - start)) s"
}
compile ch_PP-OCRv4_det_infer.onnx det.so
compile ch_ppocr_mobile_v2.0_cls_infer.onnx cls.so
compile ch_PP-OCRv4_rec_infer.onnx rec.so
echo

build/bin/nacre-ocr --det $folder/det.so --cls $folder/cls.so --rec $folder/rec.so \
  --keys $folder/keys.txt --expect examples/ocr/expected.txt examples/ocr/picture.png
