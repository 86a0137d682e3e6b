// Verifies what ladond proves with the packages of the Go project that its checksum database uses
// (golang.org/x/mod/sumdb/note and tlog) and nothing of Ladon's.
//
//	verify KEYS checkpoint FILE
//	verify KEYS receipt FILE.tlog-proof FILE.entry
//	verify KEYS consistency OLD_CHECKPOINT GROWTH
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		fail("%v", err)
	}
	return data
}

func verifiers(path string) note.Verifiers {
	var list []note.Verifier
	for _, line := range strings.Fields(string(read(path))) {
		v, err := note.NewVerifier(line)
		if err != nil {
			fail("key %q: %v", line, err)
		}
		list = append(list, v)
	}
	return note.VerifierList(list...)
}

// A checkpoint is a note of three lines; tlog.ParseTree knows only Go's own first line.
func open(checkpoint []byte, keys note.Verifiers) tlog.Tree {
	n, err := note.Open(checkpoint, keys)
	if err != nil {
		fail("note: %v", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 {
		fail("a checkpoint of %d lines", len(lines))
	}
	if lines[0] != n.Sigs[0].Name {
		fail("signed by %s for %s", n.Sigs[0].Name, lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		fail("size: %v", err)
	}
	return tlog.Tree{N: size, Hash: hash(lines[2])}
}

func hash(text string) tlog.Hash {
	h, err := tlog.ParseHash(text)
	if err != nil {
		fail("hash %q: %v", text, err)
	}
	return h
}

// Lines up to the empty one, and what follows it.
func split(data []byte) ([]string, []byte) {
	at := bytes.Index(data, []byte("\n\n"))
	if at < 0 {
		fail("no empty line")
	}
	return strings.Split(string(data[:at]), "\n"), data[at+2:]
}

func receipt(proof, entry []byte, keys note.Verifiers) {
	lines, checkpoint := split(proof)
	if lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		fail("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		fail("index: %v", err)
	}
	var path tlog.RecordProof
	for _, line := range lines[2:] {
		path = append(path, hash(line))
	}
	// "LEN1", length of the leaf in 16 bits, leaf (ledger/proof/README.md).
	if len(entry) < 6 || string(entry[:4]) != "LEN1" {
		fail("not an entry file")
	}
	leaf := entry[6 : 6+int(binary.BigEndian.Uint16(entry[4:6]))]
	tree := open(checkpoint, keys)
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(leaf)); err != nil {
		fail("record: %v", err)
	}
	fmt.Println("entry", index, "of", tree.N)
}

func consistency(old, growth []byte, keys note.Verifiers) {
	before := open(old, keys)
	lines, checkpoint := split(growth)
	after := open(checkpoint, keys)
	if lines[0] != fmt.Sprintf("old %d", before.N) {
		fail("the proof does not begin at %d", before.N)
	}
	var proof tlog.TreeProof
	for _, line := range lines[1:] {
		if _, err := base64.StdEncoding.DecodeString(line); err != nil {
			fail("%v", err)
		}
		proof = append(proof, hash(line))
	}
	if err := tlog.CheckTree(proof, after.N, after.Hash, before.N, before.Hash); err != nil {
		fail("tree: %v", err)
	}
	fmt.Println("from", before.N, "to", after.N)
}

func main() {
	if len(os.Args) < 4 {
		fail("verify KEYS checkpoint|receipt|consistency FILE [FILE]")
	}
	keys := verifiers(os.Args[1])
	switch what := os.Args[2]; {
	case what == "checkpoint" && len(os.Args) == 4:
		fmt.Println("size", open(read(os.Args[3]), keys).N)
	case what == "receipt" && len(os.Args) == 5:
		receipt(read(os.Args[3]), read(os.Args[4]), keys)
	case what == "consistency" && len(os.Args) == 5:
		consistency(read(os.Args[3]), read(os.Args[4]), keys)
	default:
		fail("unknown: %s", what)
	}
}
