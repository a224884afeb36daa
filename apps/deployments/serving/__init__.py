"""A small model server for one machine: serves what the local deployer puts into its folder.

It answers predictions as ``mlflow models serve`` does, knows no Django, no database and no
credential, and reads nothing but its folder. Each version is loaded by a process of its own.
"""
