#!/usr/bin/env bash
# Makes the images that Kubernetes' conformance suite asks for out of local files: agnhost and its like are built from Debian's source package of
# kubernetes, the rest is Debian's busybox, curl and dig. Nothing is pulled.
#
# Prints a folder with a layer (NAME.tar) for each image and a list (images.txt: names, layer, user, entry point; arguments) on stdout. What was built is
# cached outside the project, keyed by the package's version and this script. With --if-built it only looks, and exits with 3 when there is none.
set -euo pipefail

say() { printf 'conformance images: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=eng/kubernetes-source.sh
. "$here/../kubernetes-source.sh"
kubernetes_cache conformance-images "$here/images.sh" "${1:-}"

# 1. The source.
kubernetes_source golang-go dpkg-dev busybox-static curl bind9-dnsutils

# 2. The programs.
say "building agnhost and nonewprivs"
export GOPATH="$work/gopath" GOCACHE="$work/gocache" GO111MODULE=off CGO_ENABLED=0
(cd "$work/gopath/src/k8s.io/kubernetes" &&
  nice -n 19 go build -ldflags '-s -w' -o "$work/agnhost" k8s.io/kubernetes/test/images/agnhost >&2 &&
  nice -n 19 go build -ldflags '-s -w' -o "$work/nonewprivs" k8s.io/kubernetes/test/images/nonewprivs >&2)

# 3. The layers. Everything has busybox and the programs that specs call in containers, with the libraries that these need.
base="$work/base"
mkdir -p "$base/bin" "$base/usr/bin" "$base/etc" "$base/root" "$base/uploads" "$base/usr/sbin"
mkdir -m 1777 "$base/tmp"
cp "$(command -v busybox)" "$base/bin/busybox"
for applet in $("$base/bin/busybox" --list); do [ "$applet" = busybox ] || ln -s busybox "$base/bin/$applet"; done
# getent finds names as programs do: in /etc/hosts, then by asking.
for program in curl dig getent; do
  cp "$(command -v "$program")" "$base/usr/bin/$program"
  for library in $(ldd "$(command -v "$program")" | grep -o '/[^ )]*'); do
    mkdir -p "$base$(dirname "$library")"
    cp -L "$library" "$base$library"
  done
done
printf 'root:x:0:0:root:/root:/bin/sh\n' > "$base/etc/passwd"
printf 'root:x:0:\n' > "$base/etc/group"
printf 'hosts: files dns\n' > "$base/etc/nsswitch.conf"

layer() { # NAME: a layer of the base and of what is in the folder of its name
  mkdir -p "$work/$1"
  cp -a "$base/." "$work/$1/"
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$work/$1" -cf "$out/$1.tar" .
}
agnhost() { # NAME: a folder with agnhost in it
  mkdir -p "$work/$1"
  cp "$work/agnhost" "$work/$1/agnhost"
  cp "$work/source/test/images/agnhost/porter/localhost.crt" "$work/source/test/images/agnhost/porter/localhost.key" "$work/$1/"
  ln -sf agnhost "$work/$1/agnhost-2"
}
page() { # NAME TEXT: a folder with a page to serve
  mkdir -p "$work/$1/www"
  printf '<html><body><h1>%s</h1></body></html>\n' "$2" > "$work/$1/www/index.html"
}
layer busybox
agnhost agnhost-image; layer agnhost-image
page httpd 'It works!'; layer httpd
page nginx 'Welcome to nginx!'; layer nginx
mkdir -p "$work/nonewprivs-image"; cp "$work/nonewprivs" "$work/nonewprivs-image/nnp"; chmod 4755 "$work/nonewprivs-image/nnp"; layer nonewprivs-image
for picture in kitten nautilus; do
  agnhost "$picture-image"
  cp "$work/source/test/images/$picture/html/"* "$work/$picture-image/"
  layer "$picture-image"
done

# The suite itself tells where each would be pulled from (e2e.test --list-images).
cat > "$out/images.txt" <<LIST
agnhost:2.21 agnhost-image - /agnhost ; pause
jessie-dnsutils:1.0 agnhost-image - ; /bin/sleep 86400
pause:3.2 agnhost-image - /agnhost ; pause
busybox:1.29 busybox - ; sh
httpd:2.4.38-alpine httpd - ; httpd -f -p 80 -h /www
httpd:2.4.39-alpine httpd - ; httpd -f -p 80 -h /www
nginx:1.14-alpine nginx - ; httpd -f -p 80 -h /www
nginx:1.15-alpine nginx - ; httpd -f -p 80 -h /www
nonewprivs:1.0 nonewprivs-image - /nnp ;
nonroot:1.0 busybox 1234 ; sh
kitten:1.0 kitten-image - /agnhost ; test-webserver
nautilus:1.0 nautilus-image - /agnhost ; test-webserver
LIST
kubernetes_done
