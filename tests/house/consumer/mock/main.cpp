// SPDX-License-Identifier: MIT
// Whether a mock answers: one of this process, or the one whose ready file is named.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock/server.hpp"

namespace {

bool answers(int port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::string request = "GET /_mock/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    char head[16] = {};
    const bool ok = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                    ::send(socket, request.data(), request.size(), 0) > 0 &&
                    ::recv(socket, head, 12, MSG_WAITALL) == 12;
    ::close(socket);
    return ok && std::string(head) == "HTTP/1.1 200";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1) {
        int port = 0;
        std::ifstream(argv[1]) >> port;
        return answers(port) ? 0 : 1;
    }
    tixian::mock::Options options;
    options.keys_directory =
        std::filesystem::temp_directory_path() / ("tixian-consumer-" + std::to_string(::getpid()));
    tixian::mock::Server server(options);
    const auto started = server.start();
    if (!started) std::cerr << started.error().message << "\n";
    const bool ok = started && answers(server.port());
    std::error_code ignored;
    std::filesystem::remove_all(options.keys_directory, ignored);
    return ok ? 0 : 1;
}
