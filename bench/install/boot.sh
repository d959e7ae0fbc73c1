#!/bin/sh
# Boots the Debian tree $1 with its own systemd, in namespaces its caller has made (mounts, processes, names, network).
set -e
tree=$1
mount --make-rprivate /
mount --bind "$tree" "$tree"
mount -t proc proc "$tree/proc"
mount -t tmpfs tmpfs "$tree/run"
mount -t tmpfs tmpfs "$tree/tmp"
mount -t tmpfs tmpfs "$tree/dev"
for device in null zero full random urandom tty; do
    touch "$tree/dev/$device"
    mount --bind "/dev/$device" "$tree/dev/$device"
done
mkdir "$tree/dev/pts" "$tree/dev/shm"
mount -t devpts devpts "$tree/dev/pts" -o newinstance,ptmxmode=0666
mount -t tmpfs tmpfs "$tree/dev/shm"
ln -s pts/ptmx "$tree/dev/ptmx"
ln -s /proc/self/fd "$tree/dev/fd"
mount -t sysfs sysfs "$tree/sys" -o ro
# Its groups hang below a group of this trial, in the old arrangement of a folder each or in the new of one tree.
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 "$tree/sys/fs/cgroup"
else
    mount -t tmpfs tmpfs "$tree/sys/fs/cgroup"
    for kind in cpu memory pids devices; do
        mkdir "$tree/sys/fs/cgroup/$kind"
        mount -t cgroup -o "$kind" cgroup "$tree/sys/fs/cgroup/$kind"
    done
    mkdir "$tree/sys/fs/cgroup/systemd" "$tree/sys/fs/cgroup/unified"
    mount -t cgroup -o none,name=systemd cgroup "$tree/sys/fs/cgroup/systemd"
    mount -t cgroup2 cgroup2 "$tree/sys/fs/cgroup/unified" || rmdir "$tree/sys/fs/cgroup/unified"
fi
hostname county
grep -q county "$tree/etc/hosts" 2>/dev/null || echo "127.0.0.1 localhost county" >>"$tree/etc/hosts"
# Not `chroot`: the kernel gives no user namespace, which the unit wants, to a process whose root is not its mount namespace's.
cd "$tree"
mkdir -p mnt/old
pivot_root . mnt/old
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb sh -c '
    umount -l /mnt/old
    exec /usr/lib/systemd/systemd --log-target=null --unit=multi-user.target'
