# The EICAR test file, which every scanner takes for malware, and a database of it
# alone. Plain sh: clamav.sh and compose.yaml both read it.
# shellcheck shell=sh

eicar() { # in pieces, or scanners would put this very file away
  printf '%s' 'X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-' 'STANDARD-ANTI' 'VIRUS-TEST-FILE!$H+H*'
}

ask_about_eicar() { # in the words of clamd; 104 is 68 in octal, the length of the file
  printf 'zINSTREAM\0\0\0\0\104'
  eicar
  printf '\0\0\0\0'
}

make_database() { # make_database FOLDER: FOLDER/local.hdb, harmless to repeat
  mkdir -p "$1"
  # sigtool names the signature after the file, and takes its size from the disk.
  eicar >"$1/Eicar-Test"
  (cd "$1" && sigtool --md5 Eicar-Test >local.hdb.new && mv local.hdb.new local.hdb)
  rm -f "$1/Eicar-Test"
  [ -s "$1/local.hdb" ]
}
