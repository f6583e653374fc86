"""Patrols: what a walk along a reach tells, beginning with how long ago the last one was."""
