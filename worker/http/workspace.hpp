// The memory that serving one request takes. A connection holds one from the first byte of a
// request to the last of its response; an idle connection holds none. One pool a thread.
#pragma once

#include "worker/http/exchange.hpp"
#include "worker/http/request_reader.hpp"

#include <memory>
#include <string>
#include <vector>

namespace baton::http {

struct Workspace {
  explicit Workspace(ReadLimits limits) : reader(limits) {}

  RequestReader reader;
  Exchange exchange;
  std::string head;
};

class WorkspacePool {
 public:
  explicit WorkspacePool(ReadLimits limits) : limits_(limits) {}

  std::unique_ptr<Workspace> take();
  void give_back(std::unique_ptr<Workspace> workspace);

 private:
  const ReadLimits limits_;
  std::vector<std::unique_ptr<Workspace>> free_;
};

}  // namespace baton::http
