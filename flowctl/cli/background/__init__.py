"""The bundled server of a workspace in the background: one per workspace, found again by every command.

record    what `.flowctl/server.json` says
locks     file locks: a held one is proof that the process lives, whatever its pid
listen    the socket, bound before the server starts so that nobody else can take the port
start     find the running server, or start one
stop      end it, gracefully first
enrol     what `flowctl server run` does to be found
"""
