"""The bundled server of a workspace in the background: one per workspace, found again by every command.

record    what `.flowctl/server.json` says
locks     file locks: a held one is proof that the process lives, whatever its pid
start     find the running server, or start one
enrol     what `flowctl server run` does to be found
stop      end it, gracefully first
"""
