#!/usr/bin/env bash
# S3 for documents: s3proxy over a folder, with the keys and the bucket of AWS_*.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NAME=s3
PACKAGES=(java:default-jre-headless mvn:maven curl:curl)
at AWS_S3_ENDPOINT_URL

# Signed by curl; the answer is the HTTP status. s3proxy fails without the content
# header, which curl leaves out for a request without a body.
s3() { # s3 -I|-XMETHOD PATH
  curl -s --max-time 5 -o /dev/null -w '%{http_code}' "$1" \
    --aws-sigv4 aws:amz:us-east-1:s3 -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' \
    --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "http://$HOST:$LISTEN/$2"
}

is_healthy() { command -v curl >/dev/null && [[ $(s3 -XGET "") == 200 ]]; }

# ignore-unknown-headers: the checksum headers of present S3 clients are not known
# to s3proxy, which would answer 501.
launch() {
  local jar=s3proxy-$S3PROXY_VERSION-jar-with-dependencies.jar
  under_lock maven from_maven \
    "org.gaul:s3proxy:$S3PROXY_VERSION:jar:jar-with-dependencies" "$jar" "$S3PROXY_SHA256"
  mkdir -p "$DIR/data"
  install -m 600 /dev/null "$DIR/s3proxy.properties"
  cat >"$DIR/s3proxy.properties" <<CONF
s3proxy.endpoint=http://$HOST:$LISTEN
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity=$AWS_ACCESS_KEY_ID
s3proxy.credential=$AWS_SECRET_ACCESS_KEY
s3proxy.ignore-unknown-headers=true
jclouds.provider=filesystem
jclouds.filesystem.basedir=$DIR/data
CONF
  spawn java -Xmx256m -cp "$DIR/$jar" org.gaul.s3proxy.Main \
    --properties "$DIR/s3proxy.properties"
}

prepare() {
  [[ $(s3 -I "$AWS_STORAGE_BUCKET_NAME") == 200 ]] \
    || [[ $(s3 -XPUT "$AWS_STORAGE_BUCKET_NAME") == 200 ]] \
    || fail "could not create the bucket $AWS_STORAGE_BUCKET_NAME"
}

main "$@"
