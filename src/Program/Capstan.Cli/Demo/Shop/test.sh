#!/bin/sh
# The page tells its edition.
set -e
grep -q '<h1>The shop, edition [0-9]' page.http || { echo '::error file=page.http::the page does not tell its edition'; exit 1; }
echo 'the page tells its edition'
