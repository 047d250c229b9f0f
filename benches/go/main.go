// Command bench-go keeps emmansun/gmsm warm and answers benches/bench.py as bench-kernels does.
//
//	bench-go VECTORS
package main

import (
	"bufio"
	"crypto/ecdsa"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
)

const sample = 2e-3

type signed struct {
	key    *ecdsa.PublicKey
	e, der []byte
}

type row struct {
	name    string
	units   float64
	run     func() bool
	refuses func() bool
}

func main() {
	runtime.GOMAXPROCS(1)
	runtime.LockOSThread()
	good, err := read(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	rows := []row{verify(good)}
	for _, size := range []struct {
		label string
		bytes int
	}{{"1 KiB", 1 << 10}, {"64 KiB", 64 << 10}, {"1 MiB", 1 << 20}} {
		rows = append(rows, hash(size.label, size.bytes))
	}
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(answer(rows, strings.Split(lines.Text(), "\t")))
	}
}

func answer(rows []row, fields []string) string {
	if fields[0] == "rows" {
		var names []string
		for _, row := range rows {
			names = append(names, row.name)
		}
		return strings.Join(names, "\t")
	}
	for _, row := range rows {
		if len(fields) < 2 || row.name != fields[1] {
			continue
		}
		switch fields[0] {
		case "check":
			if !row.run() {
				return "wrong: refuses what is good"
			}
			if !row.refuses() {
				return "wrong: accepts what is corrupted"
			}
			return "ok"
		case "time":
			milliseconds, _ := strconv.Atoi(fields[2])
			return strconv.FormatFloat(fastest(row, time.Duration(milliseconds)*time.Millisecond), 'e', -1, 64)
		case "rest":
			return "ok"
		}
	}
	return "not run: no such row"
}

// cpu is the CPU time of this thread in seconds.
func cpu() float64 {
	const thread = 3 // CLOCK_THREAD_CPUTIME_ID
	var now syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, thread, uintptr(unsafe.Pointer(&now)), 0)
	return float64(now.Nano()) / 1e9
}

func fastest(row row, allowed time.Duration) float64 {
	began, runs, best := time.Now(), 1, 0.0
	for {
		start := cpu()
		for i := 0; i < runs; i++ {
			if !row.run() {
				panic("a timed answer was wrong")
			}
		}
		spent := cpu() - start
		each := spent / float64(runs) / row.units
		if best == 0 || each < best {
			best = each
		}
		if time.Since(began) >= allowed {
			return best
		}
		if spent < sample/2 {
			runs *= 2
		}
	}
}

func verify(good []signed) row {
	next := 0
	return row{
		name:  "sm2 verify/gmsm",
		units: 1,
		run: func() bool {
			next = (next + 1) % len(good)
			one := good[next]
			return sm2.VerifyASN1(one.key, one.e, one.der)
		},
		refuses: func() bool {
			for _, one := range good[:8] {
				e := append([]byte(nil), one.e...)
				e[31] ^= 1
				der := append([]byte(nil), one.der...)
				der[len(der)-1] ^= 1
				if sm2.VerifyASN1(one.key, e, one.der) || sm2.VerifyASN1(one.key, one.e, der) {
					return false
				}
			}
			return true
		},
	}
}

var sink byte

func hash(label string, length int) row {
	message := make([]byte, length)
	for i := range message {
		message[i] = byte(i * 31)
	}
	return row{
		name:    "sm3 one stream, " + label + "/gmsm",
		units:   float64(length),
		run:     func() bool { digest := sm3.Sum(message); sink ^= digest[0]; return true },
		refuses: func() bool { return true },
	}
}

// read takes the signatures of the set "eight".
func read(file string) ([]signed, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []signed
	for _, line := range strings.Split(string(text), "\n") {
		fields := strings.Split(line, " ")
		if fields[0] != "eight" {
			continue
		}
		var bytes [][]byte
		for _, field := range fields[1:] {
			one, err := hex.DecodeString(field)
			if err != nil {
				return nil, err
			}
			bytes = append(bytes, one)
		}
		key, err := sm2.NewPublicKey(bytes[0])
		if err != nil {
			return nil, err
		}
		all = append(all, signed{key, bytes[2], bytes[5]})
	}
	return all, nil
}
