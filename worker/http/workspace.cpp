#include "worker/http/workspace.hpp"

#include <utility>

namespace baton::http {
namespace {

// What a burst has left behind beyond this is freed.
constexpr std::size_t max_kept_workspaces = 256;
constexpr std::size_t max_kept_body = 64 * 1024;

}  // namespace

std::unique_ptr<Workspace> WorkspacePool::take() {
  if (free_.empty()) return std::make_unique<Workspace>(limits_);
  std::unique_ptr<Workspace> workspace = std::move(free_.back());
  free_.pop_back();
  return workspace;
}

void WorkspacePool::give_back(std::unique_ptr<Workspace> workspace) {
  const bool too_big = workspace->exchange.response.body.capacity() > max_kept_body;
  if (too_big || free_.size() == max_kept_workspaces) return;
  workspace->exchange.clear();
  workspace->reader.clear();
  free_.push_back(std::move(workspace));
}

}  // namespace baton::http
