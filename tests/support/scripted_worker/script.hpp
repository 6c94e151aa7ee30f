// What a scripted worker does wrong, and when: deeds at moments, from its command line.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace baton::testing {

// The moments of a worker's life, in their order. At each, its deeds are done first, then what a
// good worker does, unless a deed was `mute`.
//   start       as the program begins; then it says hello
//   listeners   as they come; then it says ready
//   activate    as it is told; then it accepts and says so
//   request     as each one is whole; then it is answered
//   drain       as it is told; then it stops accepting, and says drained when nothing is open
//   stop        as it is told; then it exits
//   ping        as it is asked; then it tells its numbers
//   adopt        as it is told to take connections; then it waits for them
//   connections  as they come; then it takes the claim
//   claimed      once it has the claim; then it says that it has taken them
//   taken        once it has said so; then it serves them
//   taken        after that; then it serves them
//   greeted, warm, accepting, drained: after the good worker's hello, ready, accepting, drained
const std::vector<std::string>& moments();

// Deeds, as NAME or NAME:ARGUMENT.
//   exit:CODE     exits                       die           is killed by its own SIGKILL
//   mute          skips what a good worker does now
//   hang          does nothing any more, for ever (signals still work)
//   gate:FIFO     waits until somebody has opened the FIFO for writing and closed it
//   fail:REASON   says failed                 say:BYTES     sends these bytes as they are
//   fds           sends a good progress message with file descriptors on it
//   oversize      sends a message of 64 KiB and more
//   print:LINES   prints that many lines      endless       prints 1 MiB without an end of line
//   orphan        leaves a grandchild behind that its parent does not wait for
struct Script {
  std::map<std::string, std::vector<std::string>> deeds;  // by moment, in their order
  int version = 1;                                        // that it says it speaks
  bool ignores_sigterm = false;
  bool takes = false;  // connections from others: the first that each of them gives
};

// From argv; prints what is wrong and exits 2 when it makes no sense.
Script parse_script(int argc, char** argv);

}  // namespace baton::testing
