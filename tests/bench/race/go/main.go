// Go's runner in the race: net/http with a graceful restart in the standard library's means. On SIGHUP
// it starts itself again with the listening socket as fd 3, waits until the child serves, and then
// calls Shutdown, which closes idle connections and waits for the others.
//
//	go-server ADDRESS PIDFILE
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func listen(address string) (net.Listener, error) {
	if os.Getenv("RACE_INHERITED") == "" {
		return net.Listen("tcp", address)
	}
	return net.FileListener(os.NewFile(3, "listener"))
}

func startChild(listener net.Listener) error {
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		return err
	}
	defer file.Close()
	ready, told, err := os.Pipe()
	if err != nil {
		return err
	}
	child := exec.Command(os.Args[0], os.Args[1:]...)
	child.Env = append(os.Environ(), "RACE_INHERITED=1")
	child.Stderr = os.Stderr
	child.ExtraFiles = []*os.File{file, told}
	if err := child.Start(); err != nil {
		return err
	}
	told.Close()
	ready.Read(make([]byte, 1)) // the end of the pipe: it serves
	return nil
}

func main() {
	listener, err := listen(os.Args[1])
	if err != nil {
		panic(err)
	}
	worker := fmt.Sprintf("%d.%d", os.Getpid(), os.Getpid())
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Worker", worker)
		w.Write([]byte(`{"hello":1}`))
	})}
	os.WriteFile(os.Args[2]+".new", []byte(fmt.Sprint(os.Getpid())), 0o600)
	os.Rename(os.Args[2]+".new", os.Args[2])
	go server.Serve(listener)
	if os.Getenv("RACE_INHERITED") != "" {
		os.NewFile(4, "ready").Close()
	}

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGTERM)
	if <-signals == syscall.SIGHUP {
		if err := startChild(listener); err != nil {
			panic(err)
		}
	}
	deadline, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	server.Shutdown(deadline)
}
