// Verifies a bundle with other people's code: golang.org/x/mod/sumdb/note checks the signatures on
// its notes, and golang.org/x/mod/sumdb/tlog the tiles, the leaves, and proofs of inclusion and
// consistency. Only the cosignature/v1 message (C2SP tlog-cosignature) is put together here: x/mod
// doesn't know it. It says nothing about decisions: that takes the fold.
//
//	verify BUNDLE        exit 0: all holds; 1: the first thing that doesn't, on standard error
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

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

// A witness as a verifier of type 0x04: u64be time, then Ed25519 over the cosignature/v1 message.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.id }

func (w *witness) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(w.key, []byte(message), sig[8:])
}

func newWitness(vkey string) *witness {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		fail("not a vkey: %s", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		fail("not a witness's vkey: %s", vkey)
	}
	var id uint32
	if _, err := fmt.Sscanf(parts[1], "%08x", &id); err != nil {
		fail("not a key id: %s", vkey)
	}
	return &witness{parts[0], id, ed25519.PublicKey(key[1:])}
}

// The log's verifier (x/mod's own) and those of the witnesses.
func readPolicy(path string) (note.Verifiers, int) {
	var all []note.Verifier
	witnesses := 0
	for _, line := range strings.Split(string(read(path)), "\n") {
		parts := strings.Fields(line)
		switch {
		case len(parts) >= 2 && parts[0] == "log":
			log, err := note.NewVerifier(parts[1])
			if err != nil {
				fail("%s: %v", path, err)
			}
			all = append(all, log)
		case len(parts) >= 3 && parts[0] == "witness":
			all = append(all, newWitness(parts[2]))
			witnesses++
		}
	}
	return note.VerifierList(all...), witnesses
}

type head struct {
	origin string
	tree   tlog.Tree
}

func parseHead(text string) head {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) != 4 || lines[3] != "" {
		fail("not a checkpoint: %q", text)
	}
	var h head
	h.origin = lines[0]
	if _, err := fmt.Sscanf(lines[1], "%d", &h.tree.N); err != nil {
		fail("not a size: %q", lines[1])
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || copy(h.tree.Hash[:], root) != tlog.HashSize {
		fail("not a root: %q", lines[2])
	}
	return h
}

// Opens a note: at least one known signature, and none that is known and wrong (note.Open's rules).
func open(path string, verifiers note.Verifiers) (head, int) {
	n, err := note.Open(read(path), verifiers)
	if err != nil {
		fail("%s: %v", path, err)
	}
	h := parseHead(n.Text)
	isLog := false
	for _, sig := range n.Sigs {
		isLog = isLog || sig.Name == h.origin
	}
	if !isLog {
		fail("%s: not signed by the log %s", path, h.origin)
	}
	return h, len(n.Sigs) - 1
}

// tile/<level>/<index>[.p/<width>] of C2SP tlog-tiles; x/mod's own path has the height in it.
type tiles struct{ dir string }

func (t tiles) Height() int                     { return tileHeight }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(t.dir, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// The leaves of one entry bundle (u16be length, then the leaf).
func leaves(dir string, index int64, width int) [][]byte {
	tile := tlog.Tile{H: tileHeight, L: 0, N: index, W: width}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	data := read(filepath.Join(dir, path))
	var all [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			fail("%s: cut off", path)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		all = append(all, data[2:end])
		data = data[end:]
	}
	if len(all) != width {
		fail("%s: %d leaves, not %d", path, len(all), width)
	}
	return all
}

func checkLeaves(dir string, tree tlog.Tree, reader tlog.HashReader) {
	for first := int64(0); first < tree.N; first += 1 << tileHeight {
		width := tree.N - first
		if width > 1<<tileHeight {
			width = 1 << tileHeight
		}
		for i, leaf := range leaves(dir, first>>tileHeight, int(width)) {
			index := first + int64(i)
			stored, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
			if err != nil {
				fail("leaf %d: %v", index, err)
			}
			if hash := tlog.RecordHash(leaf); hash != stored[0] {
				fail("leaf %d is not the one in the tree", index)
			}
			if index%37 != 0 {
				continue
			}
			proof, err := tlog.ProveRecord(tree.N, index, reader)
			if err != nil {
				fail("proof of leaf %d: %v", index, err)
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, stored[0]); err != nil {
				fail("proof of leaf %d: %v", index, err)
			}
		}
	}
}

// Every earlier note is of a head of this very tree.
func checkEarlier(dir string, newest head, verifiers note.Verifiers, reader tlog.HashReader) int {
	paths, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*", "*"))
	count := 0
	for _, path := range paths {
		text, _, _ := bytes.Cut(read(path), []byte("\n\n"))
		earlier := parseHead(string(text) + "\n")
		if earlier.origin == newest.origin { // an earlier term's log key is not in the policy
			open(path, verifiers)
		}
		proof, err := tlog.ProveTree(newest.tree.N, earlier.tree.N, reader)
		if err == nil {
			err = tlog.CheckTree(proof, newest.tree.N, newest.tree.Hash, earlier.tree.N, earlier.tree.Hash)
		}
		if err != nil {
			fail("%s: %v", path, err)
		}
		count++
	}
	return count
}

// A C2SP tlog-proof of one decision: its leaf is the first thing in `extra`'s hands of ours, so the
// leaf is taken from the bundle and the proof from the file.
func checkProof(path, dir string, verifiers note.Verifiers) {
	top, checkpoint, found := bytes.Cut(read(path), []byte("\n\n"))
	lines := strings.Split(string(top), "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		fail("%s: not a tlog-proof", path)
	}
	if len(lines) > 1 && strings.HasPrefix(lines[1], "extra ") {
		lines = append(lines[:1], lines[2:]...)
	}
	var index int64
	if _, err := fmt.Sscanf(lines[1], "index %d", &index); err != nil {
		fail("%s: no index", path)
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		var hash tlog.Hash
		data, err := base64.StdEncoding.DecodeString(line)
		if err != nil || copy(hash[:], data) != tlog.HashSize {
			fail("%s: not a hash: %s", path, line)
		}
		proof = append(proof, hash)
	}
	n, err := note.Open(checkpoint, verifiers)
	if err != nil {
		fail("%s: %v", path, err)
	}
	h := parseHead(n.Text)
	leaf := leaves(dir, index>>tileHeight, widthAt(h.tree.N, index>>tileHeight))[index&(1<<tileHeight-1)]
	if err := tlog.CheckRecord(proof, h.tree.N, h.tree.Hash, index, tlog.RecordHash(leaf)); err != nil {
		fail("%s: %v", path, err)
	}
	fmt.Printf("%s: leaf %d holds\n", filepath.Base(path), index)
}

func widthAt(size, index int64) int {
	if (index+1)<<tileHeight <= size {
		return 1 << tileHeight
	}
	return int(size - index<<tileHeight)
}

func main() {
	if len(os.Args) < 2 {
		fail("usage: verify BUNDLE [PROOF]…")
	}
	dir := os.Args[1]
	verifiers, witnesses := readPolicy(filepath.Join(dir, "policy"))
	newest, cosigned := open(filepath.Join(dir, "checkpoint"), verifiers)
	reader := tlog.TileHashReader(newest.tree, tiles{dir})
	checkLeaves(dir, newest.tree, reader)
	earlier := checkEarlier(dir, newest, verifiers, reader)
	for _, path := range os.Args[2:] {
		checkProof(path, dir, verifiers)
	}
	fmt.Printf("size %d, %d of %d witnesses, %d earlier checkpoints\n", newest.tree.N, cosigned,
		witnesses, earlier)
}
